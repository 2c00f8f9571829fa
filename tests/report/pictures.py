"""The charts of a page of `fewbit report` as SVG and PNG: pictures.py DB FOLDER STATE...

A state is what the address of the page has after #, with a name in front: optimized:target=ice40-hx8k&arch=optimized.
SPDX-License-Identifier: Apache-2.0
"""
import base64
import pathlib
import sys
import tempfile

import browser

CHARTS = ('width', 'overhead', 'heat', 'front', 'conversion', 'accuracy-cost', 'accuracy-memory')
DRAW = """const [chart, done] = [arguments[0], arguments[1]];
          const view = document.querySelector(`#${chart} .chart`).view;
          if (!view) done(null);
          else Promise.all([view.toSVG(), view.toImageURL('png', 2)]).then(done);"""


def main():
    database, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        page = browser.make_page(database, scratch)
        driver = browser.start()
        for named in sys.argv[3:]:
            name, state = named.split(':', 1)
            browser.open_page(driver, page, state)
            for chart in CHARTS:
                drawn = driver.execute_async_script(DRAW, chart)
                if drawn is None:  # nothing to be seen in this database
                    continue
                svg, png = drawn
                (folder / f'{name}-{chart}.svg').write_text(svg)
                (folder / f'{name}-{chart}.png').write_bytes(base64.b64decode(png.split(',', 1)[1]))
                print(folder / f'{name}-{chart}.svg')
        driver.quit()


if __name__ == '__main__':
    main()
