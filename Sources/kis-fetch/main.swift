import KIS
import Plumbing

if !RestClientProcess.serve(CommandLine.arguments) { ToolMain.run(KisFetch.self) }
