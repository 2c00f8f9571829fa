"""How the page of `fewbit report` looks, and how it is used without a mouse, wide and on a phone: make test-report.
SPDX-License-Identifier: Apache-2.0
"""
import itertools
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import browser
import colours
from fixture import CHARTS, PageFixture


class LooksTest(PageFixture):
    def test_every_control_has_a_name_and_every_chart_a_description(self):
        for control in self.driver.find_elements(By.CSS_SELECTOR, 'select, button, [tabindex]'):
            if control.is_displayed():
                self.assertTrue(control.accessible_name, control.get_attribute('outerHTML'))
        for chart in self.driver.find_elements(By.CSS_SELECTOR, 'svg.marks'):
            self.assertEqual(chart.aria_role, 'image')
            self.assertTrue(chart.accessible_name)

    def test_colours_stand_out_from_the_paper_and_from_each_other(self):
        themes = self.driver.execute_script('return THEMES')
        self.assertEqual(set(themes), {'light', 'dark'})
        for name, theme in themes.items():
            for colour in theme['families'] + theme['kinds'] + theme['parts']:  # WCAG 2.1, 1.4.11
                self.assertGreaterEqual(colours.contrast(colour, theme['paper']), 3, (name, colour))
            for colour in (theme['ink'], theme['soft'], theme['failed']):  # 1.4.3: text
                self.assertGreaterEqual(colours.contrast(colour, theme['paper']), 4.5, (name, colour))
            for group in ('families', 'kinds', 'parts'):
                for eyes in colours.EYES:
                    for one, other in itertools.combinations(theme[group], 2):
                        self.assertGreater(colours.difference(one, other, eyes), 15, (name, group, eyes, one, other))

    def test_families_differ_without_colour(self):
        shapes, dashes, families = self.driver.execute_script('return [SHAPES, DASHES, ACCURACY_FAMILIES]')
        for marks in (shapes, dashes):
            self.assertEqual(len({str(mark) for mark in marks}), len(marks))
            self.assertGreaterEqual(len(marks), len(families))
        lines = self.driver.find_elements(By.CSS_SELECTOR, '#width svg.marks g.mark-line path')
        drawn = {line.get_attribute('stroke-dasharray') for line in lines}
        self.assertGreater(len(lines), 2)
        self.assertEqual(len(drawn), len(lines))

    def texts(self, chart):
        """Visible texts of a chart with their boxes, and the box of its drawing."""
        return self.driver.execute_script(
            """const svg = document.querySelector(`#${arguments[0]} svg.marks`);
               if (!svg) return null;
               const box = (e) => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
               const seen = (e) => e.textContent.trim() && getComputedStyle(e).opacity > 0 && getComputedStyle(e).display !== 'none' &&
                                   getComputedStyle(e).fillOpacity > 0;
               return {svg: box(svg), texts: [...svg.querySelectorAll('text')].filter(seen).map((e) => [e.textContent, box(e)])};""",
            chart)

    def check_texts(self):
        named = 0
        for chart in CHARTS:
            found = self.texts(chart)
            self.assertIsNotNone(found, chart)
            left, top, right, bottom = found['svg']
            for text, box in found['texts']:
                self.assertTrue(box[0] >= left - 1 and box[1] >= top - 1 and box[2] <= right + 1 and box[3] <= bottom + 1,
                                (chart, text, box, found['svg']))
            for (one, u), (other, v) in itertools.combinations(found['texts'], 2):
                self.assertTrue(u[2] <= v[0] + 1 or v[2] <= u[0] + 1 or u[3] <= v[1] + 3 or v[3] <= u[1] + 3,
                                (chart, one, other, u, v))
            named += sum('×' in text and len(text) > 1 for text, _ in found['texts'])
        return named

    def phone(self):
        self.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': 360, 'height': 740, 'deviceScaleFactor': 2, 'mobile': True})
        self.addCleanup(self.driver.execute_cdp_cmd, 'Emulation.clearDeviceMetricsOverride', {})

    def test_no_text_covers_another_or_is_cut(self):
        self.assertGreater(self.check_texts(), 5)
        self.choose('network', 'vit')
        self.check_texts()

    def test_no_text_covers_another_on_a_phone(self):
        self.phone()
        self.open('arch=optimized')
        self.assertGreater(self.check_texts(), 2)

    def test_dark_mode(self):
        def scheme(value):
            self.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {
                'features': [{'name': 'prefers-color-scheme', 'value': value}]})

        def painted():
            return self.driver.execute_script(
                """const style = (s) => getComputedStyle(document.querySelector(s));
                   const hex = (rgb) => '#' + rgb.match(/\\d+/g).slice(0, 3).map((x) => (+x).toString(16).padStart(2, '0')).join('');
                   return [hex(style('body').backgroundColor), hex(style('body').color), hex(style('select').backgroundColor),
                           hex(style('th').backgroundColor), hex(style('#width svg.marks').backgroundColor),
                           hex(style('#width svg.marks .role-axis-label text').fill)];""")

        self.addCleanup(scheme, 'light')
        before = painted()
        self.assertEqual(before[0], '#ffffff')
        scheme('dark')
        browser.settle(self.driver)
        WebDriverWait(self.driver, 20).until(lambda _: painted()[4] != before[4])
        paper, ink, select, heading, chart, label = painted()
        for ground in (paper, select, heading, chart):
            self.assertLess(colours.luminance(ground), 0.03, ground)
        for text in (ink, label):
            self.assertGreater(colours.contrast(text, paper), 7)
        self.check_texts()

    def test_menus_have_names_of_their_own(self):
        menus = self.driver.find_elements(By.CSS_SELECTOR, '.vega-embed summary')
        names = {menu.accessible_name for menu in menus}
        self.assertEqual(len(menus), len(CHARTS))
        self.assertEqual(len(names), len(menus))
        self.assertIn('Save the chart: Cost against width', names)

    def test_heat_map_by_keyboard(self):
        place = self.driver.find_element(By.CSS_SELECTOR, '#heat .chart')
        order = self.driver.execute_script("return document.querySelector('#heat .chart').view.scale('x').domain()")
        costs = {(row['a'], row['b']): row for row in self.chosen() if row['status'] == 'ok'}
        self.driver.execute_script('arguments[0].focus()', place)
        keys = (Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.END, Keys.ARROW_RIGHT,
                Keys.ARROW_UP, Keys.HOME)
        down, across = 0, 0
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
            down += (key == Keys.ARROW_DOWN) - (key == Keys.ARROW_UP)
            across += (key == Keys.ARROW_RIGHT) - (key == Keys.ARROW_LEFT)
            across = {Keys.HOME: 0, Keys.END: len(order) - 1}.get(key, min(across, len(order) - 1))
            pair = (order[down], order[across])
            said = self.driver.find_element(By.ID, 'cell').text
            self.assertTrue(said.startswith(f'{pair[0]} × {pair[1]}: '), (said, pair))
            if pair in costs:
                self.assertIn(f"{costs[pair]['luts']:,} LUTs", said)
                ActionChains(self.driver).send_keys(Keys.ENTER).perform()
                command = self.driver.find_element(By.CSS_SELECTOR, '#details code').text
                self.assertEqual(command, costs[pair]['command'])
                ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
                self.assertEqual(self.driver.switch_to.active_element, place)

    def test_heat_map_on_a_phone(self):
        self.phone()
        self.open('arch=optimized')
        cells = self.marks('heat', 'rect')
        for cell in cells:  # WCAG 2.2, 2.5.8
            self.assertGreaterEqual(min(cell.rect['width'], cell.rect['height']), 24)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", cells[-1])
        ActionChains(self.driver).move_to_element(cells[-1]).click().perform()
        said = self.driver.find_element(By.ID, 'cell').text
        self.assertRegex(said, r'^\S+ × \S+: [\d,]+ LUTs')
        a, b = said.split(':')[0].split(' × ')
        row = next(row for row in self.chosen() if (row['a'], row['b']) == (a, b))
        self.assertIn(f"{row['luts']:,} LUTs", said)

    def test_details_cover_nothing_for_good(self):
        for width in (1300, 360):
            self.driver.set_window_size(max(width, 500), 900)
            if width == 360:
                self.phone()
            self.open('arch=optimized')
            button = self.driver.find_elements(By.CSS_SELECTOR, '#results td button')[-1]
            self.driver.execute_script('arguments[0].focus(); arguments[0].click()', button)
            panel = self.driver.find_element(By.ID, 'details')
            bottom = lambda e: self.driver.execute_script('return arguments[0].getBoundingClientRect().bottom', e)
            top = self.driver.execute_script('return arguments[0].getBoundingClientRect().top', panel)
            self.assertLessEqual(bottom(button), top)
            self.driver.execute_script('window.scrollTo(0, document.documentElement.scrollHeight)')
            footer = self.driver.find_element(By.TAG_NAME, 'footer')
            self.assertLessEqual(bottom(footer), top)

    def test_nothing_is_wider_than_a_phone(self):
        self.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': 360, 'height': 740, 'deviceScaleFactor': 2, 'mobile': True})
        self.open('')
        self.assertLessEqual(self.driver.execute_script('return document.documentElement.scrollWidth'), 360)
        self.driver.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})

    def test_print_has_charts_and_no_controls(self):
        self.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
        self.assertTrue(self.driver.find_element(By.CSS_SELECTOR, '#width svg.marks').is_displayed())
        self.assertFalse(self.filter('target').is_displayed())
        self.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': ''})


if __name__ == '__main__':
    unittest.main()
