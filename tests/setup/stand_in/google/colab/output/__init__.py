"""Stands in for Colab's output module: the switch for widgets that are not ipywidgets."""

from google.colab.output import _widgets
from google.colab.output._widgets import enable_custom_widget_manager

__all__ = ["_widgets", "enable_custom_widget_manager"]
