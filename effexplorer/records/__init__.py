"""Records: what a finished run is, the files it is kept in, and the store that reads them."""
