"""The instructor's tools: build, collect, judge, grade, feedback and report."""

import sys

# jsonschema, which nbformat imports, compiles a grammar of international web addresses when it
# finds this package: 1.8 s for each process, and no schema of notebooks speaks of any. Where it is
# imported already, it stays.
sys.modules.setdefault("rfc3987_syntax", None)
