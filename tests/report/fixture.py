"""A page of `fewbit report` of the tests' sample, open in a headless Chromium.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import tempfile
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

import browser

CHARTS = ('width', 'overhead', 'heat', 'front', 'conversion', 'accuracy-cost', 'accuracy-memory')
FAILURE = ("UPDATE results SET status = 'failed', reason = '<b>1 & \"2\"</b></script>', luts = 0 "
           "WHERE key = (SELECT min(key) FROM results WHERE a_kind <> b_kind AND operator = 'mac')")


class PageFixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.scratch.name)
        cls.downloads = folder / 'downloads'
        cls.downloads.mkdir()
        cls.database = browser.make_database(folder / 'sample.sqlite', FAILURE)
        cls.rows = browser.read_rows(cls.database)
        cls.accuracy_rows = browser.read_rows(cls.database, 'accuracy')
        cls.page = browser.make_page(cls.database, folder / 'page')
        cls.driver = browser.start(cls.downloads)

    @classmethod
    def tearDownClass(cls):
        cls.driver.quit()
        cls.scratch.cleanup()

    def setUp(self):
        self.driver.set_window_size(1300, 1000)
        self.open('arch=optimized')

    def open(self, state):
        browser.open_page(self.driver, self.page, state)

    def marks(self, chart, kind='symbol'):
        """Elements of the marks of one kind, those of axes and legends apart."""
        return self.driver.find_elements(
            By.CSS_SELECTOR,
            f'#{chart} svg.marks g.mark-{kind}:not([class*="role-legend"]):not([class*="role-axis"])'
            '.role-mark > path')

    def values(self, chart, field):
        """What the marks of a chart stand for, in the order of drawing."""
        return self.driver.execute_script(
            """const found = [];
               const visit = (item) => {
                 if (item.datum && item.datum.id !== undefined) found.push(item.datum[arguments[1]]);
                 for (const child of item.items || []) visit(child);
               };
               visit(document.querySelector(`#${arguments[0]} .chart`).view.scenegraph().root);
               return found;""", chart, field)

    def filter(self, name):
        return self.driver.find_element(By.CSS_SELECTOR, f'select[name={name}]')

    def choose(self, name, value):
        Select(self.filter(name)).select_by_value(value)
        browser.settle(self.driver)

    def chosen(self, **wanted):
        """Rows of the database as the filters should leave them."""
        wanted = {'target': 'ice40-hx8k', 'operator': 'mac', 'arch': 'optimized', **wanted}
        return [row for row in self.rows
                if all(value == 'all' or row[name] == value for name, value in wanted.items())]

    def accuracies(self, network, technique=''):
        return [row for row in self.accuracy_rows
                if row['network'] == network and row['technique'] == technique and row['status'] == 'ok']
