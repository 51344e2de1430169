"""What measures give to the other floors: a page of the menu, lines of « Mon travail », dates, erasure."""
