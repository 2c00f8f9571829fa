"""The page of `fewbit report` as a user meets it: make test-report.

What the charts must show is computed here from the database, by other means than the page's.
SPDX-License-Identifier: Apache-2.0
"""
import csv
import pathlib
import tempfile
import time
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

import browser
from fixture import CHARTS, PageFixture


class PageTest(PageFixture):
    def test_loads_alone_and_without_complaint(self):
        severe = [entry for entry in self.driver.get_log('browser') if entry['level'] != 'INFO']
        self.assertEqual(severe, [])
        self.assertEqual(
            self.driver.execute_script("return performance.getEntriesByType('resource').length"), 0)
        for chart in CHARTS:
            self.assertTrue(self.driver.find_elements(By.CSS_SELECTOR, f'#{chart} svg.marks'), chart)

    def test_charts_show_the_rows(self):
        rows = [row for row in self.chosen() if row['status'] == 'ok']
        square = [row for row in rows if row['a'] == row['b']]
        self.assertGreater(len(square), 3)
        self.assertEqual(len(self.marks('width')), len(square))
        self.assertEqual(len(self.marks('heat', 'rect')), len(rows))
        self.assertGreaterEqual(len(self.marks('front')), len(rows))
        integers = {row['a_width']: row['luts'] for row in square if row['a_kind'] == 'int'}
        more = [100 * (row['luts'] / integers[row['a_width']] - 1) for row in square
                if row['a_kind'] == 'float' and row['a_width'] in integers]
        self.assertGreater(len(more), 1)
        for shown, wanted in zip(sorted(self.values('overhead', 'overhead')), sorted(more)):
            self.assertAlmostEqual(shown, wanted)
        self.assertEqual(len(self.values('overhead', 'overhead')), len(more))

    def test_conversion_adds_the_requant(self):
        wanted = 0
        for row in self.chosen():
            if row['a'] != row['b']:
                continue
            bias = 2**(row['a_exponent'] - 1) - 1 if row['a_kind'] == 'float' else 0
            unit = 2 * (1 - bias - row['a_fraction']) if row['a_kind'] == 'float' else 0  # 2^unit, of products
            name = f"int{row['acc_width']}" + (f'_lsbm{-unit}' if unit else '')
            wanted += sum(1 for other in self.chosen(operator='requant')
                          if other['a'] == name and other['result'] == row['a'])
        self.assertGreater(wanted, 1)
        self.assertEqual(len(self.marks('conversion', 'rect')), 2 * wanted)

    def test_conversion_compares_only_what_differs_in_the_result(self):
        exact = {'operator': 'dot', 'a': 'e2m1', 'b': 'e2m1', 'result': 'exact', 'lanes': 4,
                 'terms': 16, 'latency': 1, 'strategy': 'auto', 'dsp': 'none', 'options': '',
                 'target': 'ecp5', 'arch': 'optimized', 'versions': 'yosys 0.23', 'luts': 100,
                 'accumulator': 'int12_lsbm2'}
        rounded = {**exact, 'result': 'e2m1', 'luts': 150, 'accumulator': ''}
        requant = {**rounded, 'operator': 'requant', 'a': 'int12_lsbm2', 'b': '', 'lanes': 1,
                   'terms': 0, 'latency': 0, 'luts': 40}
        placed = {'target': 'ice40-hx8k', 'arch': 'generic', 'versions': 'yosys 0.40'}
        others = {**placed, 'operator': 'mxdot', 'a': 'e3m2', 'b': 'e3m2', 'lanes': 8, 'terms': 32,
                  'latency': 2, 'strategy': 'aligned', 'dsp': 'all', 'options': '--tag-bits 4'}
        decoys = [{**rounded, name: other, 'luts': 101} for name, other in others.items()]
        decoys += [{**requant, name: other, 'luts': 1} for name, other in placed.items()]

        def extras(*rows):
            return self.driver.execute_script(
                "return conversions([arguments[0]], arguments[1], 'luts').map((found) => found.extra)",
                exact, [exact, *rows])

        self.assertEqual(extras(rounded), [50])
        self.assertEqual(extras(requant), [40])
        for decoy in decoys:
            self.assertEqual(extras(decoy), [], decoy)
        self.assertEqual(extras(*decoys, rounded, requant), [40])

    def test_variant_has_what_sizes_the_accumulator(self):
        def variant(**row):
            return self.driver.execute_script('return variantOf(arguments[0])', row)

        self.assertEqual(variant(terms=0, acc_width=24), 'acc 24 bits')
        self.assertEqual(variant(terms=9, acc_width=20), '9 terms')
        self.assertEqual(variant(terms=0, acc_width=None), 'plain')

    def test_front_is_what_nothing_beats(self):
        self.choose('x', 'bits')
        rows = [{**row, 'bits': row['a_width'] + row['b_width']}
                for row in self.chosen() if row['status'] == 'ok']
        for y, better in (('luts', lambda u, v: u < v), ('fmax_median_mhz', lambda u, v: u > v)):
            self.choose('y', y)
            beaten = lambda row: any(
                other['bits'] <= row['bits'] and not better(row[y], other[y])
                and (other['bits'] < row['bits'] or better(other[y], row[y])) for other in rows)
            front = {(row['bits'], row[y]) for row in rows if not beaten(row)}
            line = self.driver.execute_script(
                """let points = [];
                   const visit = (item) => {
                     if (item.marktype === 'line') points = item.items.map((i) => i.datum);
                     for (const child of item.items || []) visit(child);
                   };
                   visit(document.querySelector('#front .chart').view.scenegraph().root);
                   return points.map((row) => [row.bits, row[arguments[0]]]);""", y)
            self.assertEqual({tuple(point) for point in line}, front)

    def points(self, chart):
        """Weights, activations and place of the small marks of a chart, each once."""
        return {tuple(point) for point in self.driver.execute_script(
            """const found = [];
               const visit = (item) => {
                 if (item.marktype === 'symbol') {
                   for (const {datum} of item.items) {
                     if (datum.accuracy !== undefined) {
                       found.push([datum.weights, datum.activations, datum.percent, datum[arguments[1]]]);
                     }
                   }
                 }
                 for (const child of item.items || []) visit(child);
               };
               visit(document.querySelector(`#${arguments[0]} .chart`).view.scenegraph().root);
               return found;""", chart, {'accuracy-cost': 'mac_cost', 'accuracy-memory': 'kib'}[chart])}

    def test_accuracy_is_joined_with_the_cost_of_the_mac(self):
        for network in ('resnet', 'vit'):
            self.choose('network', network)
            self.choose('technique', 'usual')
            cost = {(row['a'], row['b']): row['luts'] for row in self.chosen()
                    if row['status'] == 'ok' and row['operator'] == 'mac'}
            wanted = set()
            for row in self.accuracies(network):
                places = [(row['activations'], row['weights']), (row['weights'], row['activations'])]
                known = [cost[place] for place in places if place in cost]
                if known:
                    wanted.add((row['weights'], row['activations'],
                                100 * row['images_right'] / row['images'], min(known)))
            best = max(percent for _, _, percent, _ in wanted)
            wanted = {point for point in wanted if point[2] >= best - 7}
            shown = self.points('accuracy-cost')
            self.assertGreater(len(wanted), 8)
            self.assertTrue(wanted <= shown, (wanted - shown))
            self.assertTrue(all(cost.get((a, w), cost.get((w, a))) for w, a, _, _ in shown))

    def test_accuracy_against_memory_and_its_front(self):
        self.choose('network', 'vit')
        rows = [(row['weights'], row['activations'], 100 * row['images_right'] / row['images'],
                 row['weight_bits'] / 8192) for row in self.accuracies('vit')]
        best = max(percent for _, _, percent, _ in rows)
        near = {row for row in rows if row[2] >= best - 7}
        self.assertTrue(near <= self.points('accuracy-memory'))
        front = {(w, a) for w, a, percent, kib in rows
                 if not any((p > percent and k <= kib) or (p >= percent and k < kib)
                            for _, _, p, k in rows)}
        table = [cell.text for cell in
                 self.driver.find_elements(By.CSS_SELECTOR, '#fronts tbody td:first-child')]
        places = {(percent, kib) for w, a, percent, kib in rows if (w, a) in front}
        named = {(row[2], row[3]) for row in rows if f'{row[0]} × {row[1]}' in table}
        self.assertTrue(places <= named, (places, named))

    def test_techniques_and_failures_of_accuracies(self):
        self.choose('network', 'resnet')
        self.choose('technique', '--gptq on')
        self.assertEqual({(w, a) for w, a, _, _ in self.points('accuracy-memory')},
                         {(row['weights'], row['activations']) for row in self.accuracies('resnet', ' --gptq on')})
        self.assertIn('1 could not be quantized', self.driver.find_element(By.ID, 'accuracy-count').text)
        self.driver.find_element(By.CSS_SELECTOR, '#fronts td button').click()
        details = self.driver.find_element(By.ID, 'details')
        command = details.find_element(By.TAG_NAME, 'code').text
        self.assertIn(command, {row['command'] for row in self.accuracy_rows})

    def test_families_of_accuracies(self):
        def family(weights, activations, exponent=0):
            return self.driver.execute_script(
                'return accuracyFamily({weights_kind: arguments[0], activations_kind: arguments[1],'
                ' weights_exponent: arguments[2]})', weights, activations, exponent)

        self.assertEqual(family('int', 'int'), 'integers')
        self.assertEqual(family('float', 'float', 3), 'e3')
        self.assertEqual(family('float', 'int', 3), 'mixed')
        self.assertEqual(family('block', 'int'), 'in blocks')
        self.assertEqual(family('mixed', 'mixed'), 'by layer')

    def test_filters_change_charts_table_and_address(self):
        before = len(self.marks('heat', 'rect'))
        self.choose('kinds', 'integers')
        integers = [row for row in self.chosen(a_kind='int', b_kind='int')]
        self.assertEqual(len(self.marks('heat', 'rect')), len(integers))
        self.assertNotEqual(len(integers), before)
        self.assertEqual(len(self.driver.find_elements(By.CSS_SELECTOR, '#results tbody tr')), len(integers))
        self.assertIn('kinds=integers', self.driver.current_url)
        self.driver.refresh()
        browser.settle(self.driver)
        self.assertEqual(len(self.marks('heat', 'rect')), len(integers))

    def test_another_target_and_cost(self):
        self.choose('target', 'xilinx-usp')
        rows = [row for row in self.chosen(target='xilinx-usp') if row['status'] == 'ok']
        self.assertEqual(sorted(self.values('heat', 'luts')[:len(rows)]),
                         sorted(row['luts'] for row in rows))
        self.choose('cost', 'ffs')
        self.assertIn('Flip-flops', self.driver.find_element(By.ID, 'width').text)

    def test_mark_gives_request_and_command(self):
        mark = self.marks('width')[0]
        ActionChains(self.driver).move_to_element(mark).perform()
        tip = WebDriverWait(self.driver, 10).until(
            lambda page: page.find_element(By.CSS_SELECTOR, '#vg-tooltip-element.visible'))
        self.assertIn('fewbit cost mac', tip.text)
        ActionChains(self.driver).click(mark).perform()
        details = self.driver.find_element(By.ID, 'details')
        command = details.find_element(By.TAG_NAME, 'code').text
        self.assertIn(command, {row['command'] for row in self.chosen()})
        self.assertIn(command, tip.text)
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.assertFalse(details.is_displayed())

    def test_keyboard_reaches_and_changes_filters(self):
        reached, names = set(), [
            select.get_attribute('name') for select in self.driver.find_elements(By.TAG_NAME, 'select')
            if select.is_displayed()]
        for _ in range(len(names) + 12):
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
            reached.add(self.driver.switch_to.active_element.get_attribute('name'))
        self.assertTrue(set(names) <= reached, (names, reached))
        before = Select(self.filter('target')).first_selected_option.text
        self.filter('target').send_keys(Keys.ARROW_DOWN)
        browser.settle(self.driver)
        self.assertNotEqual(Select(self.filter('target')).first_selected_option.text, before)
        button = self.driver.find_element(By.CSS_SELECTOR, 'td button')
        button.send_keys(Keys.ENTER)
        self.assertTrue(self.driver.find_element(By.ID, 'details').is_displayed())
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.assertEqual(self.driver.switch_to.active_element, button)

    def test_accuracy_is_points_lost_on_a_logarithmic_axis(self):
        self.choose('network', 'resnet')
        self.choose('technique', 'usual')
        rows = self.accuracies('resnet')
        wanted = sorted(max(100 * (row['float_right'] - row['images_right']) / row['images'], 50 / row['images'])
                        for row in rows)
        found, scale = self.driver.execute_script(
            """const view = document.querySelector('#accuracy-memory .chart').view;
               const found = [];
               const visit = (item) => {
                 if (item.mark && item.mark.marktype === 'symbol' && item.datum && item.datum.accuracy !== undefined) {
                   found.push([item.datum.accuracy, item.datum.lost, item.y]);
                 }
                 for (const child of item.items || []) visit(child);
               };
               visit(view.scenegraph().root);
               return [found, view.scale('y').type];""")
        self.assertEqual(scale, 'log')
        lost = {number: (points, y) for number, points, y in found}
        for shown, expected in zip(sorted(points for points, _ in lost.values()), wanted, strict=True):
            self.assertAlmostEqual(shown, expected)
        down = sorted(lost.values())
        self.assertTrue(all(u[1] <= v[1] + 1e-6 for u, v in zip(down, down[1:])), 'fewer lost is not higher up')

    def test_download_has_the_rows_of_the_filters(self):
        self.driver.find_element(By.ID, 'download').click()
        file = self.downloads / 'fewbit-results.csv'
        for _ in range(100):
            if file.exists():
                break
            time.sleep(0.1)
        with open(file, newline='', encoding='utf-8') as text:
            found = list(csv.DictReader(text))
        wanted = self.chosen()
        self.assertEqual([row['key'] for row in found], sorted(
            (row['key'] for row in wanted), key=[row['key'] for row in found].index))
        by_key = {row['key']: row for row in wanted}
        self.assertEqual(len(found), len(by_key))
        for row in found:
            for column, value in by_key[row['key']].items():
                if isinstance(value, float):
                    self.assertAlmostEqual(float(row[column]), value)
                else:
                    self.assertEqual(row[column], '' if value is None else str(value), column)

    def test_a_failed_row_is_text_with_its_reason(self):
        self.open('arch=all&operator=mac')
        failed = next(row for row in self.rows if row['status'] == 'failed')
        self.choose('target', failed['target'])
        self.driver.find_element(By.CSS_SELECTOR, 'tr.failed td button').click()
        details = self.driver.find_element(By.ID, 'details')
        self.assertIn(failed['reason'], details.text)
        self.assertEqual(details.find_elements(By.TAG_NAME, 'b'), [])
        self.assertIn('1 of them failed', self.driver.find_element(By.ID, 'count').text)

    def test_sorting(self):
        heads = self.driver.find_elements(By.CSS_SELECTOR, '#results th')
        place = next(i for i, head in enumerate(heads) if head.text == 'LUTs')
        for order in ('ascending', 'descending'):
            heads[place].find_element(By.TAG_NAME, 'button').click()
            self.assertEqual(heads[place].get_attribute('aria-sort'), order)
            shown = [line.find_elements(By.TAG_NAME, 'td')[place].text
                     for line in self.driver.find_elements(By.CSS_SELECTOR, '#results tbody tr:not(.failed)')]
            self.assertEqual([int(text) for text in shown],
                             sorted((int(text) for text in shown), reverse=order == 'descending'))


class HostileTest(unittest.TestCase):
    def test_tools_that_are_no_json_and_formulas(self):
        with tempfile.TemporaryDirectory() as folder:
            database = browser.make_database(pathlib.Path(folder) / 'a.sqlite',
                                             "UPDATE results SET tools = '<discarded>'")
            page = browser.make_page(database, pathlib.Path(folder) / 'page')
            driver = browser.start()
            self.addCleanup(driver.quit)
            browser.open_page(driver, page)
            self.assertTrue(driver.find_elements(By.CSS_SELECTOR, 'svg.marks'))
            cells = driver.execute_script("return arguments[0].map(csvCell)",
                                          ['=1', '+1', '-1', '@a', '\t=1', 'a,b', 'a', -1.5])
            self.assertEqual(cells, ['"\'=1"', '"\'+1"', '"\'-1"', '"\'@a"', '"\'\t=1"', '"a,b"', 'a', '-1.5'])
            severe = [entry for entry in driver.get_log('browser') if entry['level'] != 'INFO']
            self.assertEqual(severe, [])


class AccuracyAloneTest(unittest.TestCase):
    def test_a_database_without_costs_has_the_charts_of_accuracy(self):
        with tempfile.TemporaryDirectory() as folder:
            database = browser.make_database(pathlib.Path(folder) / 'a.sqlite', 'DELETE FROM results')
            page = browser.make_page(database, pathlib.Path(folder) / 'page')
            driver = browser.start()
            self.addCleanup(driver.quit)
            browser.open_page(driver, page)
            self.assertTrue(driver.find_elements(By.CSS_SELECTOR, '#accuracy-memory svg.marks'))
            self.assertIn('fewbit sweep merge', driver.find_element(By.ID, 'accuracy-cost').text)
            self.assertFalse(driver.find_element(By.ID, 'costs').is_displayed())
            severe = [entry for entry in driver.get_log('browser') if entry['level'] != 'INFO']
            self.assertEqual(severe, [])


class LargePageTest(unittest.TestCase):
    def test_four_thousand_rows_and_as_many_accuracies_stay_below_five_megabytes(self):
        """The sample's rows, repeated under keys and hashes of their own."""
        with tempfile.TemporaryDirectory() as folder:
            database = browser.make_database(pathlib.Path(folder) / 'large.sqlite')
            connection = browser.sqlite3.connect(database)
            names = [column[1] for column in connection.execute('PRAGMA table_info(results)')]
            fresh = ', '.join('lower(hex(randomblob(32)))' if name in ('key', 'inputs_hash') else name
                              for name in names)
            while connection.execute('SELECT count(*) FROM results').fetchone()[0] < 3600:
                connection.execute(f'INSERT INTO results SELECT {fresh} FROM results LIMIT 3600')
            names = [column[1] for column in connection.execute('PRAGMA table_info(accuracy)')]
            fresh = ', '.join('lower(hex(randomblob(32)))' if name == 'key' else name for name in names)
            while connection.execute('SELECT count(*) FROM accuracy').fetchone()[0] < 2700:
                connection.execute(f'INSERT INTO accuracy SELECT {fresh} FROM accuracy LIMIT 2700')
            connection.commit()
            connection.close()
            page = browser.make_page(database, pathlib.Path(folder) / 'page')
            self.assertLess(page.stat().st_size, 5_000_000)


if __name__ == '__main__':
    unittest.main()
