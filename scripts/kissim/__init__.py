"""Parts of kis-sim, the local look-alike of the KIS Open API."""
