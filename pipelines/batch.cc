#include "pipelines/batch.h"

#include <array>

#include "pipelines/owned_views.h"

namespace peaktext {
namespace {

// Copies each view into `bytes` and makes it point there.
template <size_t kViews>
void TakeOver(const std::array<std::string_view*, kViews>& views,
              std::vector<char>* bytes) {
  size_t size = 0;
  for (const std::string_view* view : views) size += view->size();
  bytes->reserve(size);
  AppendBytes(views, bytes);
  PointInto(views, bytes->data());
}

}  // namespace

OwnedRecord::OwnedRecord(const Record& record) : record_(record) {
  Record& r = record_;
  std::string_view body(record.body.data(), record.body.size());
  TakeOver<10>({&r.type, &r.id, &r.date, &r.priority, &r.uri, &r.media_type,
                &r.language, &r.truncated, &r.header, &body},
               &bytes_);
  r.body = {bytes_.data() + (body.data() - bytes_.data()), body.size()};
}

OwnedDocument::OwnedDocument(const ScannedDocument& document, bool keep_text)
    : tokens_(document.row.tokens.begin(), document.row.tokens.end()),
      document_(document) {
  if (!keep_text) document_.text = {};
  TakeOver<4>({&document_.row.id, &document_.row.url, &document_.row.language,
               &document_.text},
              &bytes_);
  if (document.signature != nullptr) {
    signature_ = *document.signature;
    signed_ = true;
  }
}

ScannedDocument OwnedDocument::View() const {
  ScannedDocument view = document_;
  view.row.tokens = tokens_;
  view.signature = signed_ ? &signature_ : nullptr;
  return view;
}

void Batch::Process(std::string_view input, DocumentWorker& worker,
                    bool keep_text) {
  documents.reserve(records.size());
  const DocumentSink keep = [this, keep_text](const ScannedDocument& document) {
    documents.emplace_back(document, keep_text);
    return Status();
  };
  // Nothing fails that only keeps.
  for (OwnedRecord& owned : records) {
    static_cast<void>(worker.Process(input, owned.record(), keep));
  }
  static_cast<void>(worker.Flush(keep));
  records.clear();
}

}  // namespace peaktext
