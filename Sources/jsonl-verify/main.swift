import Plumbing

ToolMain.run(JsonlVerify.self)
