"""Routes: who reads what, the trees on which packets travel, and the tables of the routers."""

from nsn_mapping.routes.report import TableReport, refuse_large_tables, table_report
from nsn_mapping.routes.tables import Tables, build_tables
from nsn_mapping.routes.tree import Trees, build_trees

__all__ = ["TableReport", "Tables", "Trees", "build_tables", "build_trees", "refuse_large_tables", "table_report"]
