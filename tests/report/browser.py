"""A page of `fewbit report` in a headless Chromium of Debian, driven by Selenium.
SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import sqlite3
import subprocess
import sys

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]
FEWBIT = os.environ.get('FEWBIT', str(ROOT / 'build/bin/fewbit'))
SAMPLE = ROOT / 'tests/data/report/results.sql'
ACCURACIES = ROOT / 'tests/data/report/accuracies.sql'


def make_database(path, *statements):
    """The sample as a results database, changed by SQL statements; the rows are dictionaries."""
    with sqlite3.connect(path) as database:
        database.executescript(SAMPLE.read_text())
        database.executescript(ACCURACIES.read_text())
        for statement in statements:
            database.execute(statement)
        database.execute('PRAGMA user_version = 2')
    database.close()
    return path


def read_rows(path, table='results'):
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    rows = [dict(row) for row in database.execute(f'SELECT * FROM {table}')]
    database.close()
    return rows


def make_page(database, folder):
    """The path of the page that `fewbit report` writes."""
    run = subprocess.run([FEWBIT, 'report', str(database), '-o', str(folder)],
                         stdout=subprocess.DEVNULL, check=False)
    if run.returncode != 0:  # it has said why
        sys.exit(run.returncode)
    return pathlib.Path(folder) / 'index.html'


def start(downloads=None):
    options = Options()
    options.binary_location = '/usr/bin/chromium'
    for argument in ('--headless=new', '--disable-gpu', '--window-size=1300,1000',
                     '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND'):
        options.add_argument(argument)
    if os.geteuid() == 0:  # Chromium's sandbox does not run as root
        options.add_argument('--no-sandbox')
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    if downloads:
        options.add_experimental_option('prefs', {'download.default_directory': str(downloads)})
    driver = webdriver.Chrome(service=Service('/usr/bin/chromedriver'), options=options)
    driver.set_script_timeout(60)
    return driver


def settle(driver):
    """Waits until every chart is drawn."""
    WebDriverWait(driver, 60).until(
        lambda page: page.execute_script('return document.body.dataset.ready'))


def open_page(driver, path, state=''):
    driver.get('about:blank')  # a new hash alone would not load the page again
    driver.get(f'{path.resolve().as_uri()}#{state}')
    settle(driver)
