# Reads and elaborates designs with slang's default warnings: says nothing, or why not. On stdin a line for each: folder, module,
# files.
# SPDX-License-Identifier: Apache-2.0
import sys

from pyslang.driver import Driver


def reads(words):
    driver = Driver()
    driver.addStandardArgs()
    read = (driver.parseCommandLine(" ".join(["slang", *words])) and driver.processOptions()
            and driver.parseAllSources())
    if read:
        driver.reportCompilation(driver.createCompilation(), True)
    return driver.reportDiagnostics(True) and read


lines = [line.split() for line in sys.stdin]
good = [reads([f"{folder}/{file}" for file in files]) for folder, _, *files in lines]
sys.exit(0 if lines and all(good) else 1)
