"""What influences the relationship: visits, call plans, competition insights and budgets."""
