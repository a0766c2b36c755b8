"""Reading reports: a unit's figures, what was frozen and sent."""

from app.reports.queries.figures import figures_of, report
from app.reports.queries.snapshots import Sent, Snapshot, disagreements, snapshot, state_of, versions, waiting, waiting_count

__all__ = ["Sent", "Snapshot", "disagreements", "figures_of", "report", "snapshot", "state_of", "versions", "waiting", "waiting_count"]
