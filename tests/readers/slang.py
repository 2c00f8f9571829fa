# Reads and elaborates SystemVerilog files with slang's default warnings: says nothing, or why not.
# SPDX-License-Identifier: Apache-2.0
import sys

from pyslang.driver import Driver

driver = Driver()
driver.addStandardArgs()
read = (driver.parseCommandLine(" ".join(["slang", *sys.argv[1:]])) and driver.processOptions()
        and driver.parseAllSources())
if read:
    driver.reportCompilation(driver.createCompilation(), True)
sys.exit(0 if driver.reportDiagnostics(True) and read else 1)
