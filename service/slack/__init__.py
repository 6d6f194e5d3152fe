"""The Slack bot: questions in Slack are answered in their thread, by the same answerer."""
