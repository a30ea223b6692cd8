"""Reports on certificates: terminal, JUnit XML, JSON and HTML."""
