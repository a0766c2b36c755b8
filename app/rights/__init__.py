"""What a person may ask about their own data: to have a copy, to have it corrected, to have it erased."""
