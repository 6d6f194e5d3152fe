"""Words of the command that have words of their own, one module each."""
