# Writes OUTPUT, a C++ file with described_version() of cli/version.h for the tree SOURCE; leaves it alone
# where that is what it says. RELEASE: the number in the file VERSION.
# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.22)
set(version ${RELEASE})
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} describe --tags --match v${RELEASE} --always --abbrev=10 --dirty
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed EQUAL 0 AND described MATCHES "^v${RELEASE}(.*)$")
    set(version ${RELEASE}${CMAKE_MATCH_1})
  elseif(failed EQUAL 0)
    set(version ${RELEASE}-g${described})
  endif()
endif()
string(CONCAT text "// The version of fewbit, by cli/describe.cmake.\n#include \"fewbit/cli/version.h\"\n\n"
       "std::string fewbit::cli::described_version() { return \"${version}\"; }\n")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
