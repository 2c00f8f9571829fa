"""How large the page of a results database is, and how long it takes until every chart is drawn.
SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import statistics
import sys
import tempfile

import browser

LOADS = 7


def main():
    database = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        page = browser.make_page(database, folder)
        driver = browser.start()
        seconds = []
        for _ in range(LOADS):
            browser.open_page(driver, page)
            seconds.append(driver.execute_script('return drawn / 1000'))
        driver.quit()
        print(f'{database.name}: {len(browser.read_rows(database))} rows, '
              f'{page.stat().st_size / 1e6:.2f} MB; loaded and drawn in {statistics.median(seconds):.2f} s '
              f'({min(seconds):.2f}-{max(seconds):.2f}, {LOADS} loads)')


if __name__ == '__main__':
    main()
