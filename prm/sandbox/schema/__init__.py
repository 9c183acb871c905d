"""What an object and a field are, which objects an org has, and how JSON values become stored ones."""
