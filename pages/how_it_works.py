"""How it works: the idea, the comparison and the model, for anybody who can read a film review."""

import streamlit as st

from core.experiment.config import ExperimentConfig
from ui.app.navigation import stay_in_dashboard
from ui.how_it_works import pieces

stay_in_dashboard()

config = ExperimentConfig()

st.title("How it works", anchor=False)
st.markdown(
    "A computer cannot read. It can only count with numbers, so every word must first become a list of numbers, a **vector**. "
    "There are two ways to do that, and this dashboard lets them compete."
)
pieces.show_two_ways()

st.subheader("From a review to an answer", anchor=False)
pieces.show_steps(config)

st.subheader("A fair competition", anchor=False)
st.markdown(
    f"""
- In every **trial** we draw film reviews at random, {config.train_size:,} unless you choose otherwise, and both models learn from
  exactly these. Neither gets an easier task.
- A fifth of them is put aside while learning: it tells when to stop, before a model learns the reviews by heart.
- Then both are tested on the same {config.test_size:,} reviews, which no part of the program has ever learned from.
  **Accuracy** is the share that they get right. Guessing gives 50 %.
- Chance plays a part: a lucky draw helps. So we repeat the trial and join each pair of accuracies by a line.
  If all lines go up, ELMo won every time.
- The **95 % interval** says how far the average difference can be trusted. With other draws and other test reviews it would have
  come out a little different; the true one, over all of them, probably lies in the interval.
  If that reaches from minus to plus, there is no clear difference.
"""
)
pieces.show_example_pairs()

st.subheader("The ELMo in this package", anchor=False)
pieces.show_bundled_elmo()

st.subheader("What you should not believe", anchor=False)
st.markdown(
    """
- “ELMo won, so context did it.” ELMo mini has read film reviews before and GloVe has not. Of its lead of 12.5 points with 100
  reviews, a fixed dictionary made from the same film reviews has 8.5. So most of the lead is reading the right text; the
  rest is context.
- The models learned from film reviews. What they say about the weather or about people means nothing.
- “80 % positive” is how sure a model is, not how often it is right. It can be very sure and wrong.
- Neither model understands irony, and both can be fooled by a single strong word. Try it on the **Probe** page.
- Few trials with few reviews vary a lot. Look at the spread before you tell others who won.
"""
)
st.caption(
    "ELMo: Peters and others, *Deep contextualized word representations*, 2018 (arXiv 1802.05365). "
    "GloVe: Pennington, Socher and Manning, *GloVe: Global Vectors for Word Representation*, 2014."
)
