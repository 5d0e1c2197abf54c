// The texts of one shard's documents, in record order, compressed (zstd frames
// of about 256 KiB with an index at the end), readable at random by row: for
// verification against the text, for export and explain. The byte format is
// drawn at the top of text_store.cc.
#pragma once
