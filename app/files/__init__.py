"""Files: uploads that come in, documents that go out."""
