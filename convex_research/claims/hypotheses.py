"""What each claim puts to the test: the statement that its verdict is about.

A claim's sentence says what was found and is worded by it; "rejected" is about the statement
here. A verdict is shown beside its hypothesis and never beside the sentence.
"""

from __future__ import annotations

__all__ = ["HYPOTHESES", "hypothesis"]

HYPOTHESES = {
    "C01": "{a} follows mid caps more closely than large and small ones",
    "C02": "Risk appetite decides which leg does better",
    "C03": "{a} beats {b} in the first year of recoveries",
    "C04": "Relative performance comes in long episodes",
    "C05": "Size, value and foreign shares drive {a} against {b}",
    "C06": "The tilt of {a} against {b} moves",
    "C07a": "The gap between the prices of {a} and {b} closes",
    "C07b": "Flows of money widen the gap between {a} and {b} and then close it",
    "C08": "The leg with the larger market beta leads in bull and trails in bear markets",
    "C09": "Sizing against recent volatility of the spread pays",
    "C10": "Corporate events drive the legs apart",
    "C11": "The legs are connected through the market",
    "C12": "The legs respond to the market with different strength",
    "C13": "One leg responds to the market later",
    "C14": "Macro series move with the spread",
    "C15": "{a} leads {b}",
    "C16": "Correlation differs between calm and turbulent times",
    "C17": "The legs move in the same direction",
    "C18a": "Correlation is not stable",
    "C18b[vix]": "Correlation shifts with the VIX",
    "C18b[hy_spread]": "Correlation shifts with the credit spread",
    "C18b[yield_10y]": "Correlation shifts with the 10-year yield",
    "C19": "Breakdowns of correlation announce larger moves of the spread",
    "C20": "Reconstitutions of indices drive the legs apart",
    "C20[earnings]": "Earnings drive the legs apart",
    "C20[liquidity]": "Thin markets drive the legs apart",
    "C21": "Macro series explain less when the legs go their own ways",
    "C22a": "The legs fall together on bad days",
    "C22b": "{b} is not a hedge for {a}",
    "C23": "The legs rise and fall together",
    "C24": "In named times of stress the legs moved as listed",
    "C25": "The strength of correlation has one name",
    "C26": "The legs move together consistently",
    "C27": "A move of one leg predicts the direction of the other's next one",
    "C28": "A common driver explains the coupling",
    "C29": "Recent correlation tracks the preceding one",
    "C30": "The long-run average forecasts correlation as well as anything tried",
    "C31": "The share of variance explained is the square of r",
    "C32": "{a} amplifies the moves of {b} (in another unit: moves their way)",
    "C33": "Correlation changes most in the years in which volatility does",
    "C34": "Extremes of rolling correlation coincide with stress",
    "C35": "Calendar years differ in correlation",
    "C36": "A hedge fitted by looking back promises too much",
}


def hypothesis(claim_id: str, a: str = "A", b: str = "B") -> str:
    """The statement a claim's verdict is about.

    Parameters
    ----------
    claim_id : str
        Such as ``"C15"``, or with a window, ``"C25[252]"``.
    a, b : str
        Names of the legs.

    Examples
    --------
    >>> hypothesis("C15", "Gold", "Bitcoin")
    'Gold leads Bitcoin'
    >>> hypothesis("C25[252]")
    'The strength of correlation has one name over the last 252 observations'
    """
    base, _, qualifier = claim_id.partition("[")
    known = HYPOTHESES.get(claim_id)
    if known is None and base in HYPOTHESES:
        window = qualifier.rstrip("]")
        sample = "the whole sample" if window == "all" else f"the last {window} observations"
        known = f"{HYPOTHESES[base]} over {sample}"
    return claim_id if known is None else known.format(a=a, b=b)
