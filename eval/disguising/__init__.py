"""The parts of a disguise: names, dates, figures, ratings, tables and sections of a report."""
