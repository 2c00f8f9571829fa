"""The compiled part, which is private: its types are those of the functions around it."""
# SPDX-License-Identifier: Apache-2.0
from typing import Any

def __getattr__(name: str) -> Any: ...
