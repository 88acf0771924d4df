# frozen_string_literal: true

# The function's handler. Methods without a class are called on an instance of this, as on AWS: what a handler keeps in
# instance variables lasts from call to call, and messages about a missing method name this class.
class LambdaHandler
  # name: `file.method` or `file.Class.method`, the file without `.rb` and relative to the task root
  def initialize(name)
    parts = name.split('.')
    case parts.size
    when 2 then @file, @method = parts
    when 3 then @file, @class, @method = parts
    else
      raise ArgumentError,
            "Invalid handler #{parts}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD where FILENAME " \
            'corresponds with an existing Ruby source file FILENAME.rb, CLASS is an optional module/class namespace ' \
            'and METHOD is a callable method. If using CLASS, METHOD must be a class-level method.'
    end
    require @file
  end

  # Gives the response's bytes, and its content type where that is not JSON.
  def call_handler(event, context)
    receiver = @class.nil? ? self : Kernel.const_get(@class)
    AwsLambda::Marshaller.marshall_response(receiver.__send__(@method, event: event, context: context))
  end
end
