#include "pipelines/batch.h"

#include <array>
#include <cstring>

namespace peaktext {
namespace {

// Copies each view into `bytes` and makes it point there.
template <size_t kViews>
void TakeOver(std::array<std::string_view*, kViews> views,
              std::vector<char>* bytes) {
  size_t size = 0;
  for (const std::string_view* view : views) size += view->size();
  bytes->resize(size);
  char* out = bytes->data();
  for (std::string_view* view : views) {
    if (!view->empty()) std::memcpy(out, view->data(), view->size());
    *view = {out, view->size()};
    out += view->size();
  }
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
  for (OwnedRecord& owned : records) {
    if (worker.Process(input, owned.record())) {
      documents.emplace_back(worker.document(), keep_text);
    }
  }
  records.clear();
}

}  // namespace peaktext
