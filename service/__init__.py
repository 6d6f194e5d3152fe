"""Question → Answer with Citations: the readers, the HTTP app and the Slack bot."""
