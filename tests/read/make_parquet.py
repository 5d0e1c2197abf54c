"""Writes the Parquet files that parquet_reader_test.cc reads: make_parquet.py FOLDER

The rows are a function of their number, which the test knows too.
"""
import sys
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1000
folder = sys.argv[1]


def text(i):
    if i % 7 == 3:
        return None
    return f"row {i} \u00e9 \u6f22\u5b57 " * (i % 50)


texts = [text(i) for i in range(ROWS)]
ids = [f"id-{i}" for i in range(ROWS)]
urls = [None if i % 5 == 0 else f"http://h/{i}" for i in range(ROWS)]
langs = [("deu", "zho", None)[i % 3] for i in range(ROWS)]


def table(text_type=pa.string(), column=None):
    column = column if column is not None else pa.array(texts, text_type)
    return pa.table({"noise": pa.array(range(ROWS)), "id": ids, "text": column,
                     "url": urls, "lang": pa.array(langs).dictionary_encode()})


def write(name, data, **options):
    options.setdefault("row_group_size", 300)
    pq.write_table(data, f"{folder}/{name}.parquet", **options)


for compression in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    write(f"compression-{compression}", table(), compression=compression)
for version in ("1.0", "2.0"):
    write(f"pages-v{version}", table(), data_page_version=version, data_page_size=2000,
          write_page_checksum=True)
write("large_string", table(pa.large_string()))
write("binary", table(pa.binary()))
write("string_view", table(column=pa.array(texts).cast(pa.string_view())))
write("dictionary", table(column=pa.array(texts).dictionary_encode()))
write("no-dictionary", table(), use_dictionary=False)
for encoding in ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"):
    write(encoding.lower(), table(), use_dictionary=False, column_encoding={"text": encoding})
write("dictionary-overflow", table(), dictionary_pagesize_limit=3000, data_page_size=1000)
write("one-group", table(), row_group_size=ROWS)
write("many-groups", table(), row_group_size=1)

inner = pa.array([{"text": t, "id": i} for i, t in enumerate(texts)],
                 pa.struct([("text", pa.string()), ("id", pa.int64())]))
write("nested", pa.table({"meta": inner, "url": urls}))
write("integer-id", pa.table({"id": pa.array(range(ROWS), pa.int32()), "text": texts}))
write("list", pa.table({"text": [[t] for t in texts]}))
write("numbers", pa.table({"text": list(range(ROWS)), "other": texts}))
write("empty", table().slice(0, 0))
write("long", pa.table({"text": ["a", "x" * (20 << 20), "b"]}), use_dictionary=False)
write("nulls", pa.table({"text": pa.nulls(20_000_000, pa.string())}), row_group_size=1 << 30)
