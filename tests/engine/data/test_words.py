"""Words are split without TensorFlow exactly as its own functions split them, which is what a model's TextVectorization does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from local_engine.data.preprocessing.statistics import _split

ODD = st.sampled_from("\0\t\n\v\f\r\x1c\x1f\x85\xa0\u2003\u3000 aAzZÄäßİσΣ'!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~…—“")
TEXTS = st.lists(st.text(ODD | st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(texts=TEXTS)
def test_as_tensorflow_splits(texts: list[str]) -> None:
    import tensorflow as tf

    lowered = tf.strings.lower(tf.constant(texts))
    ragged = tf.strings.split(tf.strings.regex_replace(lowered, r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']', ""))
    tokens, counts = _split(np.array(texts, dtype=object))
    assert tokens == [token.decode() for token in ragged.flat_values.numpy().tolist()]
    assert counts == ragged.row_lengths().numpy().tolist()
