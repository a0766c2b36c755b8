"""银行对账: statements as the bank wrote them, their lines matched with the fund's requests, and why the two balances differ."""
