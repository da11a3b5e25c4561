"""Independent checks of mappings; nothing here imports what makes them."""

from nsn_mapping.check.contents import check_contents
from nsn_mapping.check.limits import check_limits
from nsn_mapping.check.routes import check_routes
from nsn_mapping.check.trees import check_trees

__all__ = ["check_contents", "check_limits", "check_routes", "check_trees"]
