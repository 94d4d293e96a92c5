"""Sphinx: furo's pages, MyST's Markdown, every code cell executed, nothing fetched."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

# For the kernels that run the pages: this venv's, without the user's own IPython start-up files.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
os.environ["IPYTHONDIR"] = str(HERE / "_build" / "ipython")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

project = "minigrad"
author = "the minigrad authors"
copyright = f"2026, {author}"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "mathml",
    "offline",
    "reference",
]
exclude_patterns = ["_build", "_ext", "_templates"]
templates_path = ["_templates"]
nitpicky = False

html_theme = "furo"
html_title = "minigrad"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["minigrad.css"]
html_show_sphinx = False
html_copy_source = False

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
# Formulas are MathML: nothing of MathJax is to be configured or loaded.
myst_update_mathjax = False

# "force": a cache would be keyed by the page alone and go stale when the engine changes.
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
# TensorFlow greets whoever imports it there; an exception is an error of the build all the same.
nb_output_stderr = "remove"
nb_merge_streams = True
nb_ipywidgets_js = {}

autodoc_member_order = "bysource"
# Nearly all arguments take what torch's take, and are Any to the type checker.
autodoc_typehints = "none"
autodoc_preserve_defaults = True
add_module_names = False
# In docstrings, a name in single backticks is a link.
default_role = "py:obj"
