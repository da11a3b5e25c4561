"""``parquet``: what reports, sweeps and comparisons read; every run writes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chipsim.config.sink import Sink


def write(path: Path, table: Mapping[str, Any]) -> None:
    """Write columns to a Parquet file; each page has a checksum, so that what a crash leaves in its middle is never read as data."""
    import pyarrow as pa  # half a second, for runs only
    import pyarrow.parquet as pq

    pq.write_table(
        pa.table({name: pa.array(_column(values)) for name, values in table.items()}), path, write_page_checksum=True
    )


def _column(values: Any) -> Any:
    """A column as Arrow takes it: arrays of text are objects to numpy and lists to Arrow."""
    return values.tolist() if isinstance(values, np.ndarray) and values.dtype.kind in "OU" else values


PARQUET = Sink(".parquet", write)
