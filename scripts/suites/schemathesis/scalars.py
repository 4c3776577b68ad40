"""The schema's scalars as Schemathesis is to make them."""

import schemathesis
from hypothesis import strategies as st

text = schemathesis.graphql.nodes.String
SCALARS = {
    "Uscc": st.sampled_from(["11440600DEMMHA954F", "12440600DEM0L8U620"]),
    "CaseNumber": st.sampled_from(["（2024）粤0604执90001号", "（2025）粤0106执恢90002号"]),
    "Date": st.dates().map(lambda day: day.isoformat()),
    "DateTime": st.datetimes().map(lambda at: f"{at.isoformat(timespec='seconds')}+08:00"),
    "Decimal": st.decimals(-(10**12), 10**12, places=2).map(str),
}
for name, strategy in SCALARS.items():
    schemathesis.graphql.scalar(name, strategy.map(text))
