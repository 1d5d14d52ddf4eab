import Plumbing

ToolMain.run(JsonlSink.self)
