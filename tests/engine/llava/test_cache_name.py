"""Each decoder's cache goes by the name its forward pass takes, without a warning."""

from __future__ import annotations

import pytest

from docextract.core import ModelLoadError
from docextract.engine.llava.forward.cache_name import cache_keyword, given_cache


class Old:
    def forward(self, inputs_embeds, past_key_values=None, **options):
        """Take a cache as transformers up to 5.23 does."""


class New:
    def forward(self, inputs_embeds, cache=None, **options):
        """Take a cache as transformers from 5.24 on does."""


class Both:
    def forward(self, inputs_embeds, past_key_values=None, cache=None):
        """Take either, and warn about the old one."""


class Neither:
    def forward(self, inputs_embeds, **options):
        """Take a cache by a name not known yet."""


@pytest.mark.parametrize(
    ("kind", "keyword"), [(Old, "past_key_values"), (New, "cache"), (Both, "cache")]
)
def test_the_newest_name_a_decoder_takes(kind, keyword):
    assert cache_keyword(kind()) == keyword


def test_a_hook_in_the_place_of_forward_hides_nothing(monkeypatch):
    decoder = New()
    monkeypatch.setattr(decoder, "forward", lambda *values, **options: None)
    assert cache_keyword(decoder) == "cache"


def test_an_unknown_name_is_an_error_with_a_remedy():
    with pytest.raises(ModelLoadError, match="no known cache") as caught:
        cache_keyword(Neither())
    assert "Install docextract again" in caught.value.hint


def test_whoever_calls_the_cache_is_found():
    assert given_cache({"use_cache": True, "past_key_values": "old"}) == "old"
    assert given_cache({"cache": "new"}) == "new"
