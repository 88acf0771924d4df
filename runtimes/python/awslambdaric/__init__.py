"""The part of AWS's package that functions import to name the type of their context."""
