"""What a run leaves behind: counters, records and the digest, before anything is priced."""
