import Plumbing

ToolMain.run(SnapValidate.self)
