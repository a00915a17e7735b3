"""What stands before a Hugging Face Hub: the bytes that were scanned are the ones that are sent, or nothing is."""
