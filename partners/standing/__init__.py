"""How partners stand: level, proposed tier, market share and score. README.md has the map.

Others call `service` (recompute, partner-months), `compute.compute` (without writing), `queries`, `words`
and the models; score components are made of `registry`, `arrays` and `rules`.
"""
