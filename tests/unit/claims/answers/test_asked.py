"""Questions people ask of a pair."""

import pytest
from support import study_of

from convex_research.claims.answers.asked import asked


@pytest.mark.parametrize(
    ("legs", "words"),
    [
        (("sp500", "nasdaq"), "Held beside it, no. "),
        (("sp500", "vix"), "Held beside it, only on paper: "),
        (("nasdaq", "wti"), "Sold short, no: "),
    ],
)
def test_what_people_ask_is_answered_by_the_page_s_own_claims(legs, words):
    study = study_of(*legs)
    found = asked(study, study.claims)
    assert 4 <= len(found) <= 5
    assert words in " ".join(str(sentence) for sentence, _ in found[-1].parts)
    for one in found:
        for sentence, said in one.parts:
            assert said.answer != "untested"
            assert "{" not in str(sentence)
    lead = next(one for one in found if one.question.startswith("When does"))
    assert str(lead.parts[0][0]).endswith(str(study.claims["C15"].sentence))
