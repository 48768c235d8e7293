from ai_edge_litert.interpreter import Interpreter as Interpreter
