"""Tables: data sets and databases, whose places are rows and columns.

| file | promise |
| --- | --- |
| `parquet.py` `parquet_footer.py` `parquet_pages.py` `thrift.py` | Parquet: metadata, bounds and cells of text |
| `parquet_groups.py` `parquet_slice.py` | a million columns of row groups, in little memory |
| `arrow.py` | Arrow streams and files, Feather |
| `orc.py` | ORC: metadata and cells of text |
| `avro.py` `avro_schema.py` | Avro: metadata and texts of records |
| `columns.py` `cells.py` | a column in memory as texts; `metadata.py`: keys and values beside a table |
| `csv.py` `csv_records.py` | text with delimiters: places, and cells beside telling headers |
| `sqlite.py` `sqlite_pages.py` `sqlite_rows.py` `sqlite_deleted.py` | SQLite databases: rows of all tables |
| `sqlite_log.py` | what SQLite keeps beside them: write-ahead logs and journals |
| `lmdb.py` `lmdb_pages.py` | LMDB: keys and values of all databases |
| `markup.py` `below.py` | tables of pages and documents: cells beside telling headers |
| `headers.py` | names of columns that say what their values are |
"""
