"""What persons and the law are owed: the register of violations; later notices, requests, disposal."""
