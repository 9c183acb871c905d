"""How reconciliation is told: `board` a month for the page, `presentation` lines and JSON, `tables` lists, `mail` what is open."""
