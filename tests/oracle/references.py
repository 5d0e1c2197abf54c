"""The reference tokenizers, as functions from text to number of tokens."""
import hashlib
import json
import os


def _tiktoken(name, path):
    import tiktoken
    import tiktoken.load
    from tiktoken_ext import openai_public

    def from_disk(url, expected_hash=None):
        with open(path, 'rb') as file:
            contents = file.read()
        if expected_hash and hashlib.sha256(contents).hexdigest() != expected_hash:
            raise ValueError(path + ' is not the file that tiktoken expects')
        import base64
        return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in contents.splitlines())}

    openai_public.load_tiktoken_bpe = from_disk  # its own would download
    encoding = tiktoken.Encoding(**openai_public.ENCODING_CONSTRUCTORS[name]())
    return lambda text: len(encoding.encode_ordinary(text))


def _tokenizers(path, added_tokens):
    from tokenizers import Tokenizer
    with open(path, encoding='utf-8') as file:
        parts = json.load(file)
    if not added_tokens:
        parts['added_tokens'] = []
        parts['post_processor'] = None  # it may name them
    tokenizer = Tokenizer.from_str(json.dumps(parts))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def reference(name, oracle, added_tokens=False):
    """The function for the vocabulary `name`; ImportError or OSError when it is not to be had."""
    os.environ['TOKENIZERS_PARALLELISM'] = 'false'
    ranks = os.path.join(oracle, 'vocab', name + '.tiktoken')
    if os.path.exists(ranks):
        return _tiktoken(name, ranks)
    return _tokenizers(os.path.join(oracle, 'vocab', name + '.tokenizer.json'), added_tokens)
