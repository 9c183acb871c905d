"""The versions of the rules by which level, tier and score are judged.

Others call `queries.policy_in_force` and `service.set_policy`; `rules.Rules` are its figures alone. `components` knows which
score components a policy weighs, `setup_steps` the step that bands are, `signals` asks who has decided since a day.
"""
